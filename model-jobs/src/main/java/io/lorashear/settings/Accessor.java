package io.lorashear.settings;

import java.io.Serializable;
import java.lang.invoke.SerializedLambda;

/**
 * A setting, named by the method that reads it: {@code TrainSettings::rows}. If the record's
 * component is renamed or changes type, code that refers to it this way no longer compiles.
 *
 * @param <R> the settings record
 * @param <V> the component's type
 */
@FunctionalInterface
public interface Accessor<R, V> extends Serializable {

  /** The value of the component. */
  V of(R settings);

  /**
   * The component's name, which is its key in a file.
   *
   * @throws IllegalStateException if this is not a method reference
   */
  default String key() {
    try {
      var form = getClass().getDeclaredMethod("writeReplace"); // every serializable lambda has it
      form.setAccessible(true);
      var name = ((SerializedLambda) form.invoke(this)).getImplMethodName();
      if (name.startsWith("lambda$")) {
        throw new IllegalStateException("a setting is named by its accessor, TrainSettings::rows");
      }
      return name;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a setting is named by its accessor, TrainSettings::rows", e);
    }
  }
}
