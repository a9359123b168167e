package io.lorashear.spark.tokenize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A row that is being filled. */
final class PackedRow {

  final int[] ids;
  final byte[] lossMask;
  final List<String> documents = new ArrayList<>();
  final List<Integer> starts = new ArrayList<>();
  int tokens;

  PackedRow(int length, int separator) {
    ids = new int[length];
    lossMask = new byte[length];
    Arrays.fill(ids, separator);
  }

  int room() {
    return ids.length - tokens;
  }

  /** Adds as many ids of {@code piece} from {@code from} on as fit, and returns their number. */
  int take(Tokens piece, int from) {
    int taken = Math.min(room(), piece.ids().length - from);
    documents.add(piece.document());
    starts.add(tokens);
    System.arraycopy(piece.ids(), from, ids, tokens, taken);
    int lossFrom = Math.min(Math.max(piece.lossFrom() - from, 0), taken);
    Arrays.fill(lossMask, tokens + lossFrom, tokens + taken, (byte) 1);
    tokens += taken;
    return taken;
  }
}
