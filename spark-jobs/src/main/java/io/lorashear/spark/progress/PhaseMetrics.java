package io.lorashear.spark.progress;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;

/**
 * The counts of phases as metrics of the driver, for Spark's own sinks: PrometheusServlet, JMX,
 * Graphite and others.
 *
 * <pre>
 *   NAMESPACE.driver.lorashear.PHASE.COUNT     read-and-clean.dropped-redirect, …
 * </pre>
 *
 * A count stays after its phase, until the session ends. A phase that runs again counts anew.
 */
public final class PhaseMetrics implements Source, AutoCloseable {
  private static final String NAME = "lorashear";

  private final MetricRegistry registry = new MetricRegistry();
  private final Map<String, Long> latest = new ConcurrentHashMap<>();

  private PhaseMetrics() {}

  /** Registers them with the driver's metrics; {@link #close} removes them. */
  public static PhaseMetrics register() {
    var metrics = new PhaseMetrics();
    SparkEnv.get().metricsSystem().registerSource(metrics);
    return metrics;
  }

  /** The current counts of a phase. */
  void tell(String phase, Map<String, Long> counts) {
    counts.forEach(
        (count, amount) -> {
          var name = MetricRegistry.name(word(phase), word(count));
          if (latest.put(name, amount) == null) {
            registry.register(name, (Gauge<Long>) () -> latest.get(name));
          }
        });
  }

  private static String word(String text) {
    return text.replaceAll("[^A-Za-z0-9]+", "-");
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }

  @Override
  public void close() {
    var env = SparkEnv.get();
    if (env != null) { // the session may have ended by itself
      env.metricsSystem().removeSource(this);
    }
  }
}
