package io.lorashear.card;

import java.util.List;
import java.util.Optional;

/**
 * Sources whose text is a dataset on Hugging Face, for {@code datasets} of a front matter. A source
 * counts only if both its name and its licence are those of the known source, because text under
 * another licence is a different text.
 */
public final class HubDatasets {
  private record Known(String source, String terms, String hub) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known("openwebtext", "packaging CC0; ", "Skylion007/openwebtext"),
          new Known("wikipedia", "CC BY-SA 4.0 and GFDL: ", "wikimedia/wikipedia"),
          new Known("bookcorpus", "books of many authors, ", "bookcorpus/bookcorpus"),
          new Known("alpaca", "CC BY-NC 4.0: ", "tatsu-lab/alpaca"));

  private HubDatasets() {}

  /** The name of a source on Hugging Face; empty if none is known. */
  public static Optional<String> of(String source, String terms) {
    return KNOWN.stream()
        .filter(known -> known.source.equals(source) && terms.startsWith(known.terms))
        .map(Known::hub)
        .findFirst();
  }
}
