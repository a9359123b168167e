package io.lorashear.score;

import java.util.List;
import java.util.function.IntConsumer;

/** Computes how likely continuations are. */
@FunctionalInterface
public interface Likelihood {
  /**
   * One score per request, in the requests' order.
   *
   * @param done is told, as the work proceeds, how many more requests are finished
   */
  List<Score> score(List<Request> requests, IntConsumer done);

  /** The same without reports of progress. */
  default List<Score> score(List<Request> requests) {
    return score(requests, more -> {});
  }
}
