package io.lorashear.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A settings record's class: its components, constructor and check, through reflection. */
record RecordType(Class<?> type) {

  List<RecordComponent> components() {
    return Arrays.asList(type.getRecordComponents());
  }

  List<String> names() {
    return components().stream().map(RecordComponent::getName).toList();
  }

  static @Nullable String defaultOf(RecordComponent component) {
    var annotation = component.getAnnotation(Default.class);
    return annotation == null ? null : annotation.value();
  }

  /** The record; what its constructor throws comes out as it is. */
  Object create(Object[] values) throws ReflectiveOperationException {
    var types = components().stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
    var constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw unchecked(e);
    }
  }

  /** Runs {@code void check(Problems)}, where the record has one. */
  void check(Object record, Problems problems) throws ReflectiveOperationException {
    for (var method : type.getDeclaredMethods()) {
      if (method.getName().equals("check")
          && Arrays.equals(method.getParameterTypes(), new Class<?>[] {Problems.class})) {
        method.setAccessible(true);
        try {
          method.invoke(record, problems);
        } catch (InvocationTargetException e) {
          throw unchecked(e);
        }
      }
    }
  }

  static Object value(RecordComponent component, Object record) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  /**
   * A copy with another value of one component.
   *
   * @throws IllegalStateException if there is no such component
   */
  static <R extends Record> R with(R record, String name, Object other) {
    var type = new RecordType(record.getClass());
    if (!type.names().contains(name)) {
      throw new IllegalStateException(type.type() + " has no setting " + name);
    }
    var values =
        type.components().stream()
            .map(each -> each.getName().equals(name) ? other : value(each, record))
            .toArray();
    try {
      @SuppressWarnings("unchecked") // the constructor of the record's own class
      var copy = (R) type.create(values);
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.type() + " cannot be used for settings", e);
    }
  }

  private static RuntimeException unchecked(InvocationTargetException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(e.getCause());
  }
}
