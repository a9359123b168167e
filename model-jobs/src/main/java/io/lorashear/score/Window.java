package io.lorashear.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A part of a long text that the model processes at once.
 *
 * <pre>
 *   rolling, length 4      e a b c d          e: end of text; every token predicted once, the last
 *   text a b c d e f             ─ ─ ─ ─      window has as much context as fits
 *                          b c d e f
 *                                ─ ─
 *   strided, length 4      a b c d
 *   and stride 2             ─ ─ ─            a later window counts only what no window had before
 *                              c d e f
 *                                  ─ ─
 * </pre>
 *
 * @param ids (tokens,); the model reads all but the last
 * @param scored index of the first token that counts, at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over to the model as they are.
public record Window(int[] ids, int scored) {

  /** lm-evaluation-harness' {@code get_rolling_token_windows} with one token of context. */
  public static List<Window> rolling(int[] text, int endOfText, int length) {
    int[] stream = new int[text.length + 1];
    stream[0] = endOfText;
    System.arraycopy(text, 0, stream, 1, text.length);
    var windows = new ArrayList<Window>();
    for (int predicted = 0; predicted < text.length; predicted += length) {
      int end = Math.min(predicted + length, text.length) + 1;
      int begin = Math.max(0, end - length - 1);
      windows.add(new Window(Arrays.copyOfRange(stream, begin, end), predicted + 1 - begin));
    }
    return windows;
  }

  /**
   * The windows of GPT-2's and GPTQ's perplexities.
   *
   * @param partial whether a last window shorter than {@code length} counts
   */
  public static List<Window> strided(int[] text, int length, int stride, boolean partial) {
    var windows = new ArrayList<Window>();
    int before = 0;
    for (int begin = 0; before < text.length; begin += stride) {
      int end = Math.min(begin + length, text.length);
      int scored = Math.max(before - begin, 1);
      if (end - begin > scored && (partial || end - begin == length)) {
        windows.add(new Window(Arrays.copyOfRange(text, begin, end), scored));
      }
      before = end;
    }
    return windows;
  }

  /** Number of tokens that count. */
  public int tokens() {
    return ids.length - scored;
  }
}
