/**
 * Typed settings. In: a YAML file and {@code --set key=value} overrides. Out: one record, checked,
 * or one {@link io.lorashear.InputException} that lists every problem with its line. Serves no
 * section of the paper; every number the paper names is a component of some settings record.
 */
@NullMarked
package io.lorashear.settings;

import org.jspecify.annotations.NullMarked;
