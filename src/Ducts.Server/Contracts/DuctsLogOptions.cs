using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>
/// Specifies what the <c>ducts</c> command logs, and where. INI section <c>ifconf</c>. A hosted application
/// keeps its own logging unless it calls <c>AddDuctsLog</c>.
/// </summary>
[Section("ifconf", "ducts.server.config")]
public sealed class DuctsLogOptions
{
    /// <summary>
    /// Gets or sets the lowest level that is logged. Default: <see cref="DuctsLogLevel.Information"/>. Use
    /// <see cref="DuctsLogLevel.Debug"/> to look for a fault, <see cref="DuctsLogLevel.Notice"/> for a quieter log.
    /// </summary>
    [Option("lowest level logged: DEBUG, INFO, NOTICE, WARNING, ERROR, CRITICAL")]
    public DuctsLogLevel LogLevel { get; set; } = DuctsLogLevel.Information;

    /// <summary>
    /// Gets or sets the form of the log. Default: <see cref="DuctsLogFormat.Text"/>. Use
    /// <see cref="DuctsLogFormat.Json"/> for programs that collect logs.
    /// </summary>
    [Option("form of the log: text or json")]
    public DuctsLogFormat LogFormat { get; set; }

    /// <summary>Gets or sets the path of a file for the log. Default: empty, the log goes to standard output.</summary>
    [Option("file for the log instead of standard output", IsPath = true, IsOptional = true)]
    public string LogFile { get; set; } = "";

    /// <summary>
    /// Gets or sets the size in bytes above which the log file is renamed to <c>log_file.1</c> and a new one is started. Default:
    /// 0, never. Range: 0 to 1099511627776 (1 TiB). Needs <see cref="LogFile"/>. Set it where no program
    /// such as logrotate limits the file's size.
    /// </summary>
    [Option("bytes above which the log file is begun anew, 0 for never", Min = 0, Max = 1099511627776, Unit = "bytes")]
    public long LogMaxBytes { get; set; }

    /// <summary>
    /// Gets or sets how many older log files are kept when <see cref="LogMaxBytes"/> renames them. Default: 5. Range: 1
    /// to 1000.
    /// </summary>
    [Option("older log files that are kept", Min = 1, Max = 1000, Unit = "files")]
    public int LogBackupCount { get; set; } = 5;
}

/// <summary>Specifies the lowest level that the <c>ducts</c> command logs.</summary>
public enum DuctsLogLevel
{
    /// <summary>Everything, including details for diagnosing a fault. INI: <c>DEBUG</c>.</summary>
    [JsonStringEnumMemberName("DEBUG")]
    Debug,

    /// <summary>Regular operation of the server. INI: <c>INFO</c>.</summary>
    [JsonStringEnumMemberName("INFO")]
    Information,

    /// <summary>The few entries that operators wait for, such as start, stop and connections to Redis. INI: <c>NOTICE</c>.</summary>
    [JsonStringEnumMemberName("NOTICE")]
    Notice,

    /// <summary>Unexpected conditions that the server handles itself. INI: <c>WARNING</c>.</summary>
    [JsonStringEnumMemberName("WARNING")]
    Warning,

    /// <summary>Failures of an operation; the server keeps running. INI: <c>ERROR</c>.</summary>
    [JsonStringEnumMemberName("ERROR")]
    Error,

    /// <summary>Failures that end the server. INI: <c>CRITICAL</c>.</summary>
    [JsonStringEnumMemberName("CRITICAL")]
    Critical,
}

/// <summary>Specifies the form of the log of the <c>ducts</c> command.</summary>
public enum DuctsLogFormat
{
    /// <summary>Lines of text for people to read. INI: <c>text</c>.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>One JSON object per line. INI: <c>json</c>.</summary>
    [JsonStringEnumMemberName("json")]
    Json,
}
