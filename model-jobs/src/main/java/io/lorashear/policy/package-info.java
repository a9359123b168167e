/**
 * Which groups may be pruned, before any method chooses. In: settings, a model's axes, a knowledge
 * profile. Out: protected axes, caps, the shape that is held to, and what a ratio leaves of a model
 * in each shape. It knows no method and no stage.
 */
@NullMarked
package io.lorashear.policy;

import org.jspecify.annotations.NullMarked;
