package io.lorashear.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value of a settings record's component when the file does not give it, written as it would be
 * in the file: {@code @Default("0.2")}, {@code @Default("[taylor, cosine]")}. A component without
 * it must be given, unless it is an {@code Optional} (empty) or a record (built from its own
 * defaults).
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
  String value();
}
