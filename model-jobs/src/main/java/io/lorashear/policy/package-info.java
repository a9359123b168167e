/**
 * What may go, before any method chooses. In: what the settings want, a model's axes, a knowledge
 * profile. Out: protected axes, caps, the shape that is held to, and what a ratio leaves of a model
 * in each shape. It knows of no method and of no stage.
 */
@NullMarked
package io.lorashear.policy;

import org.jspecify.annotations.NullMarked;
