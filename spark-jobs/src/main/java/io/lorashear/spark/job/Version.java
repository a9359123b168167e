package io.lorashear.spark.job;

import picocli.CommandLine.IVersionProvider;

/** Output of {@code --version}: the versions of this program and of Java. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    var own = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "lorashear " + (own == null ? "(not from a jar)" : own),
      "commit " + System.getProperty("lorashear.commit", "unknown"),
      "Java " + Runtime.version()
    };
  }
}
