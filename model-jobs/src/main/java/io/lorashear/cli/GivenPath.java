package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A path as it stands behind an option: what is no path is refused before it makes a folder. */
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
