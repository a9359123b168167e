package io.lorashear.spark.overlap;

import java.util.Arrays;
import java.util.List;

/** The words of a document, and the paragraph of each. */
public final class ParagraphWords {
  private final Words words;

  /** Number of words up to the end of each paragraph. */
  private final int[] ends;

  private ParagraphWords(Words words, int[] ends) {
    this.words = words;
    this.ends = ends;
  }

  /** The words of a document's paragraphs, in order. */
  public static ParagraphWords of(List<String> paragraphs) {
    var parts = paragraphs.stream().map(Words::of).toList();
    var ends = new int[parts.size()];
    for (var i = 0; i < ends.length; i++) {
      ends[i] = (i == 0 ? 0 : ends[i - 1]) + parts.get(i).count();
    }
    return new ParagraphWords(Words.of(parts), ends);
  }

  /** All words, paragraph after paragraph. */
  public Words words() {
    return words;
  }

  /** Number, from 0, of the paragraph of a word: the first that ends after it. */
  public int paragraph(int word) {
    var place = Arrays.binarySearch(ends, word + 1);
    var paragraph = place < 0 ? -place - 1 : place;
    while (paragraph > 0 && ends[paragraph - 1] == ends[paragraph]) {
      paragraph--;
    }
    return paragraph;
  }
}
