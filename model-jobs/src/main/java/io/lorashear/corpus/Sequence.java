package io.lorashear.corpus;

import java.util.Arrays;
import java.util.List;

/**
 * One packed row of a corpus.
 *
 * @param source name of the source, such as {@code wikipedia}
 * @param split {@link #TRAIN} or {@link #VALIDATION}
 * @param id unique in the corpus; ids in their order as text are the order of the rows
 * @param inputIds (sequence length,) token ids; the separator fills the rest behind {@code tokens}
 * @param lossMask (sequence length,) 1 where the token is to be predicted, otherwise 0: filling
 *     counts never, and of instructions only the response
 * @param tokens how many of {@code inputIds} are text
 * @param documents what is in the row, in order; the first may have begun in the row before
 */
@SuppressWarnings("ArrayRecordComponent") // rows are read by the million; nobody compares them
public record Sequence(
    String source,
    String split,
    String id,
    int[] inputIds,
    byte[] lossMask,
    int tokens,
    List<Document> documents) {

  public static final String TRAIN = "train";
  public static final String VALIDATION = "validation";

  /** A document, or a piece of one, that begins or continues at {@code start} of its row. */
  public record Document(String id, int start) {}

  /** A row of text of one unnamed document. */
  public Sequence(String source, String split, String id, int[] inputIds, byte[] lossMask) {
    this(source, split, id, inputIds, lossMask, inputIds.length, List.of());
  }

  /** The same row as plain text: every token is to be predicted, including prompts. */
  public Sequence asText() {
    var every = new byte[inputIds.length];
    Arrays.fill(every, 0, tokens, (byte) 1);
    return new Sequence(source, split, id, inputIds, every, tokens, documents);
  }

  /**
   * (sequence length,) where in the row the document of each token begins. Tokens before the first
   * of {@code documents} belong to a document that begins at 0; filling belongs to the last one.
   */
  public int[] starts() {
    return starts(documents.stream().map(Document::start).toList(), inputIds.length);
  }

  /**
   * The starts of a row of {@code length} ids.
   *
   * @param begins where its documents begin, in order
   */
  public static int[] starts(List<Integer> begins, int length) {
    var starts = new int[length];
    begins.forEach(begin -> Arrays.fill(starts, begin, length, begin));
    return starts;
  }
}
