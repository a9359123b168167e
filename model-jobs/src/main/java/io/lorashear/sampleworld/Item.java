package io.lorashear.sampleworld;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One record on its way into a file; where it stands there is known once the file is laid out. */
final class Item {
  final String title;
  final List<String> paragraphs;
  final @Nullable Plant plant;
  final Charset charset;
  private @Nullable Place place;

  Item(String title, List<String> paragraphs, @Nullable Plant plant, Charset charset) {
    this.title = title;
    this.paragraphs = List.copyOf(paragraphs);
    this.plant = plant;
    this.charset = charset;
  }

  static Item ordinary(String title, List<String> paragraphs) {
    return new Item(title, paragraphs, null, StandardCharsets.UTF_8);
  }

  static Item planted(String title, List<String> paragraphs, Plant plant) {
    return new Item(title, paragraphs, plant, StandardCharsets.UTF_8);
  }

  /** The paragraphs with a blank line between two. */
  String text() {
    return String.join("\n\n", paragraphs);
  }

  byte[] bytes() {
    return text().getBytes(charset);
  }

  void stands(String file, String record) {
    stands(file, record, -1);
  }

  void stands(String file, String record, long offset) {
    place = new Place(file, record, offset);
  }

  Place place() {
    return Objects.requireNonNull(place, title);
  }
}
