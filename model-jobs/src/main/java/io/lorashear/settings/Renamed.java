package io.lorashear.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that a settings record had in an earlier version: whoever gives it is told what it is
 * called now.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Renamed.All.class)
public @interface Renamed {
  /** The key as it was. */
  String from();

  /** Where it is now, seen from the same record: {@code validation.share}. */
  String to();

  /** Several of them. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {
    Renamed[] value();
  }
}
