package io.lorashear.score;

import java.util.List;
import java.util.function.IntConsumer;

/** Whatever can tell how likely a continuation is. */
@FunctionalInterface
public interface Likelihood {
  /**
   * One score a request, in the requests' order.
   *
   * @param done is told, as the work goes on, how many more requests are finished
   */
  List<Score> score(List<Request> requests, IntConsumer done);

  /** The same without word of how far it is. */
  default List<Score> score(List<Request> requests) {
    return score(requests, more -> {});
  }
}
