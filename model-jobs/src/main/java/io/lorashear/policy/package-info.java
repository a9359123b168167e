/**
 * Determines which groups may be pruned, before a method chooses. In: settings, a model's axes, a
 * knowledge profile. Out: protected axes, caps, the shape of the result, and a forecast of each
 * shape. It knows no method and no stage.
 */
@NullMarked
package io.lorashear.policy;

import org.jspecify.annotations.NullMarked;
