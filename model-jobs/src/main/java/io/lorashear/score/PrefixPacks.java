package io.lorashear.score;

import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Divides requests into packs. Sorting by tokens puts sequences with a common prefix next to each
 * other; a pack is full when the unshared part of the next sequence would make it longer than the
 * limit. The division depends on the requests alone.
 */
final class PrefixPacks {
  /** A request's tokens: the last is only predicted; those from {@code scored} on are scored. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by an explicit comparator alone.
  private record Path(int request, int[] tokens, int scored) {
    int inputs() {
      return tokens.length - 1;
    }
  }

  private static final Comparator<Path> BY_TOKENS =
      Comparator.<Path, int[]>comparing(Path::tokens, Arrays::compare)
          .thenComparingInt(Path::request);

  private PrefixPacks() {}

  /**
   * Packs in which every token of every continuation is scored once.
   *
   * @param longest number of positions of the model; longer sequences lose tokens from the left
   * @param limit largest number of nodes of a pack; a longer sequence has a pack of its own
   */
  static List<PrefixPack> of(List<Request> requests, int longest, int limit) {
    var paths =
        IntStream.range(0, requests.size())
            .mapToObj(index -> path(index, requests.get(index), longest))
            .filter(path -> path.scored() < path.tokens().length)
            .sorted(BY_TOKENS)
            .toList();
    var packs = new ArrayList<PrefixPack>();
    var tree = new PrefixTree();
    for (Path path : paths) {
      if (!tree.isEmpty() && tree.sizeWith(path.tokens(), path.inputs()) > limit) {
        packs.add(tree.pack());
        tree = new PrefixTree();
      }
      tree.add(path.request(), path.tokens(), path.scored());
    }
    if (!tree.isEmpty()) {
      packs.add(tree.pack());
    }
    return packs;
  }

  /** lm-evaluation-harness: {@code (context + continuation)[-(longest + 1):]}. */
  private static Path path(int index, Request request, int longest) {
    int continuation = request.continuation().length;
    if (continuation > longest) {
      throw new InputException(
          "A continuation of %d tokens does not fit the model's %d positions: leave it out",
          continuation, longest);
    }
    int whole = request.context().length + continuation;
    int kept = Math.min(whole, longest + 1);
    int contextKept = kept - continuation;
    int[] tokens = new int[kept];
    System.arraycopy(
        request.context(), request.context().length - contextKept, tokens, 0, contextKept);
    System.arraycopy(request.continuation(), 0, tokens, contextKept, continuation);
    return new Path(index, tokens, Math.max(1, contextKept));
  }
}
