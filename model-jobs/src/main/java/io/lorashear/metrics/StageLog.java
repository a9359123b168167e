package io.lorashear.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Logs the begin and the end of stages, with their figures as fields: at the end of a stage, the
 * last counts of each of its works. The plain log leaves them out, {@code --log json} shows them.
 */
final class StageLog {
  /** Key of the fields in the log's context. */
  private static final String FIELDS = "fields";

  /**
   * Name of the property that has the current stage: the log shows it with the lines of all
   * threads, also of Spark's.
   */
  private static final String STAGE = "lorashear.stage";

  private static final Logger LOG = LoggerFactory.getLogger("io.lorashear.stage");
  private static final Set<String> COUNTS = Set.of(MetricsFile.STEP, "progress");
  private static final Set<String> MOMENTS =
      Set.of("begin", "end", MetricsFile.STAGE, MetricsFile.STAGE_DONE, MetricsFile.VALIDATION);

  /** The last counts of each work: of the process, because several objects write one file. */
  private static final ObjectNode WORKS = JsonNodeFactory.instance.objectNode();

  private StageLog() {}

  /** A line of metrics, which may be logged. */
  static synchronized void line(ObjectNode line) {
    var event = line.path("event").asText();
    if (COUNTS.contains(event)) {
      WORKS.set(line.path("work").asText(), line);
    } else if (MOMENTS.contains(event)) {
      log(event, line);
    }
  }

  private static void log(String event, ObjectNode line) {
    var stage = line.path("stage").asText();
    System.setProperty(STAGE, stage);
    var fields = line.deepCopy();
    fields.remove("invocation");
    if (event.equals("end")) {
      fields.set("works", WORKS.deepCopy());
      WORKS.removeAll();
    }
    try (var context = MDC.putCloseable(FIELDS, fields.toString())) {
      LOG.info("{} {}{}", stage, event, outcome(line));
    }
    if (event.equals("end")) {
      System.clearProperty(STAGE);
    }
  }

  private static String outcome(ObjectNode line) {
    return line.has("outcome")
        ? ": " + line.path("outcome").asText()
        : line.has("name") ? ": " + line.path("name").asText() : "";
  }
}
