package io.lorashear.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that a settings record had in an earlier version: a user who gives it is told its current
 * name.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Renamed.All.class)
public @interface Renamed {
  /** The former key. */
  String from();

  /** The current key, relative to the same record: {@code validation.share}. */
  String to();

  /** Several of them. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {
    Renamed[] value();
  }
}
