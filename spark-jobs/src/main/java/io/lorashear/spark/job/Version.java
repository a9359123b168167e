package io.lorashear.spark.job;

import io.lorashear.spark.version.SparkVersion;
import picocli.CommandLine.IVersionProvider;

/** Output of {@code --version}: the versions of this program, of Spark and of Java. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    var own = Version.class.getPackage().getImplementationVersion();
    var spark = SparkVersion.running();
    return new String[] {
      "lorashear " + (own == null ? "(not from a jar)" : own),
      "commit " + System.getProperty("lorashear.commit", "unknown"),
      "Spark " + spark.spark() + ", Scala " + spark.scala(),
      "Java " + Runtime.version()
    };
  }
}
