package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts the value of an option to a path; values that are not paths are refused before a folder
 * is created.
 */
final class GivenPath implements ITypeConverter<Path> {
  @Override
  public Path convert(String text) {
    try {
      return Storage.pathOf(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "%s is no path this system can have: %s".formatted(text, e.getReason()));
    } catch (InputException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
