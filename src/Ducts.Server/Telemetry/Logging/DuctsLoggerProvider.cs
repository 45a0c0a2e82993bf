using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Ducts.Telemetry.Logging;

/// <summary>
/// Provides the log of the <c>ducts</c> command: lines of text or JSON, on standard output or in a file.
/// </summary>
/// <remarks>
/// An entry of level Information whose event name ends in <c>Notice</c> has level NOTICE. Logging never waits for a slow terminal:
/// entries that do not fit in the queue are dropped, and the number of dropped entries is logged.
/// </remarks>
[ProviderAlias("Ducts")]
public sealed class DuctsLoggerProvider : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, DuctsLogger> _loggers = new(StringComparer.Ordinal);
    private readonly DuctsLogOptions _options;
    private readonly TimeProvider _time;
    private readonly LogQueue _queue;

    /// <summary>Opens the log.</summary>
    /// <param name="options">The options of the log.</param>
    /// <param name="filePath">The absolute path of <see cref="DuctsLogOptions.LogFile"/>; null for standard output.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the file.</exception>
    public DuctsLoggerProvider(DuctsLogOptions options, string? filePath, TimeProvider? time = null)
        : this(options, OpenSink(options, filePath), time)
    {
    }

    internal DuctsLoggerProvider(DuctsLogOptions options, ILogSink sink, TimeProvider? time)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _queue = new LogQueue(sink, DroppedLine);
    }

    private bool IsJson => _options.LogFormat == DuctsLogFormat.Json;

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, static (category, provider) => provider.Create(category), this);

    /// <summary>Reopens the log file, after a program such as logrotate has moved it.</summary>
    public void Reopen() => _queue.Reopen();

    /// <summary>Waits until all logged entries are written.</summary>
    /// <param name="timeout">The longest time to wait.</param>
    public void Flush(TimeSpan timeout) => _queue.Flush(timeout);

    /// <inheritdoc />
    public void Dispose() => _queue.Dispose();

    private DuctsLogger Create(string category)
    {
        var lowest = LogLevelName.Lowest(_options.LogLevel);
        // The framework's own Information is one line and more per request; it is wanted when looking for a fault.
        if (lowest == LogLevel.Information && (category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("System.", StringComparison.Ordinal)))
            lowest = LogLevel.Warning;
        var noticesOnly = _options.LogLevel == DuctsLogLevel.Notice;
        return new DuctsLogger(LogCategory.ToName(category), lowest, noticesOnly, IsJson, _queue, _time);
    }

    private ReadOnlyMemory<byte> DroppedLine(long count)
    {
        var line = new ArrayBufferWriter<byte>();
        var message = string.Create(CultureInfo.InvariantCulture, $"DROPPED|COUNT={count}; the log is written faster than it is read");
        if (IsJson)
            LogLine.WriteJson(line, _time.GetLocalNow(), "ducts.log", LogLevel.Warning, default, message, null);
        else
            LogLine.WriteText(line, _time.GetLocalNow(), "ducts.log", LogLevel.Warning, default, message, null);
        return line.WrittenMemory;
    }

    private static ILogSink OpenSink(DuctsLogOptions options, string? filePath) => filePath is null
        ? new StandardOutputSink(Console.OpenStandardOutput())
        : new FileSink(filePath, options.LogMaxBytes, options.LogBackupCount);
}
