package io.lorashear.evaluate;

import java.util.List;

/** Whatever can tell how likely a continuation is: one score a request, in the requests' order. */
@FunctionalInterface
public interface Likelihood {
  List<Score> score(List<Request> requests);
}
