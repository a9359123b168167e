package io.lorashear.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A settings record's class: its components, constructor and check, through reflection. */
record RecordType(Class<?> type) {

  List<RecordComponent> components() {
    return Arrays.asList(type.getRecordComponents());
  }

  List<String> names() {
    return components().stream().map(RecordComponent::getName).toList();
  }

  /**
   * Whether there is such a key: a component's name, or nested names separated by dots. Inside a
   * map any name is accepted, because the user chooses them.
   */
  boolean has(String key) {
    int dot = key.indexOf('.');
    var name = dot < 0 ? key : key.substring(0, dot);
    return components().stream()
        .filter(component -> component.getName().equals(name))
        .anyMatch(component -> dot < 0 || inside(component, key.substring(dot + 1)));
  }

  private static boolean inside(RecordComponent component, String key) {
    if (component.getType() == Map.class) {
      return true;
    }
    return component.getType() == Optional.class
            && component.getGenericType() instanceof ParameterizedType optional
            && optional.getActualTypeArguments()[0] instanceof Class<?> given
        ? given.isRecord() && new RecordType(given).has(key)
        : component.getType().isRecord() && new RecordType(component.getType()).has(key);
  }

  /** Current keys, by the keys they had in earlier versions. */
  Map<String, String> renamed() {
    var keys = new HashMap<String, String>();
    for (var renamed : type.getAnnotationsByType(Renamed.class)) {
      if (!has(renamed.to())) {
        throw new IllegalStateException(type + " has no setting " + renamed.to());
      }
      keys.put(renamed.from(), renamed.to());
    }
    return keys;
  }

  static @Nullable String defaultOf(RecordComponent component) {
    var annotation = component.getAnnotation(Default.class);
    return annotation == null ? null : annotation.value();
  }

  /** Creates the record; an unchecked exception of its constructor is rethrown unchanged. */
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
