using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>
/// What the log of the <c>ducts</c> command holds and where it goes. INI section <c>ifconf</c>. A hosted application
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

    /// <summary>Gets or sets the path of a file for the log. Default: empty, which logs to standard output.</summary>
    [Option("file for the log instead of standard output", IsPath = true)]
    public string LogFile { get; set; } = "";

    /// <summary>
    /// Gets or sets the size in bytes above which the log file is renamed to <c>log_file.1</c> and begun anew. Default:
    /// 0, which never does. Range: 0 to 1099511627776 (1 TiB). Needs <see cref="LogFile"/>. Set it where no program
    /// such as logrotate bounds the file.
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

/// <summary>Specifies the lowest level that the log of the <c>ducts</c> command holds.</summary>
public enum DuctsLogLevel
{
    /// <summary>Everything, with details for finding a fault. INI: <c>DEBUG</c>.</summary>
    [JsonStringEnumMemberName("DEBUG")]
    Debug,

    /// <summary>What the server does. INI: <c>INFO</c>.</summary>
    [JsonStringEnumMemberName("INFO")]
    Information,

    /// <summary>The few entries that operators wait for, such as start, stop and connections to Redis. INI: <c>NOTICE</c>.</summary>
    [JsonStringEnumMemberName("NOTICE")]
    Notice,

    /// <summary>What is odd but handled. INI: <c>WARNING</c>.</summary>
    [JsonStringEnumMemberName("WARNING")]
    Warning,

    /// <summary>What failed. INI: <c>ERROR</c>.</summary>
    [JsonStringEnumMemberName("ERROR")]
    Error,

    /// <summary>What ends the server. INI: <c>CRITICAL</c>.</summary>
    [JsonStringEnumMemberName("CRITICAL")]
    Critical,
}

/// <summary>Specifies the form of the log of the <c>ducts</c> command.</summary>
public enum DuctsLogFormat
{
    /// <summary>Lines for people. INI: <c>text</c>.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>One JSON object a line. INI: <c>json</c>.</summary>
    [JsonStringEnumMemberName("json")]
    Json,
}
