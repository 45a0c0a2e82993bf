using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ifconf</c>: what the log holds and where it goes.</summary>
[Section("ifconf", "ducts.server.config")]
public sealed class LogOptions
{
    /// <summary>The lowest level logged: DEBUG, INFO, NOTICE, WARNING, ERROR or CRITICAL.</summary>
    [Option("lowest level logged: DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL", Choices = ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"])]
    public string LogLevel { get; set; } = "INFO";

    /// <summary><c>text</c>: lines for people; <c>json</c>: one JSON object per line.</summary>
    [Option("form of the log: text or json", Choices = ["text", "json"])]
    public string LogFormat { get; set; } = "text";

    /// <summary>A file for the log instead of standard output; empty: standard output.</summary>
    [Option("file for the log instead of standard output", IsPath = true)]
    public string LogFile { get; set; } = "";

    /// <summary>Bytes above which the file is moved to <c>log_file.1</c> and begun anew; 0 never does.</summary>
    [Option("bytes above which the log file is begun anew, 0 for never", Min = 0, Max = 1099511627776, Unit = "bytes")]
    public long LogMaxBytes { get; set; }

    /// <summary>How many older files are kept when <see cref="LogMaxBytes"/> moves them.</summary>
    [Option("older log files that are kept", Min = 1, Max = 1000, Unit = "files")]
    public int LogBackupCount { get; set; } = 5;
}
