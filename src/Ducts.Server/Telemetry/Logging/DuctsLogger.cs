using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Ducts.Telemetry.Logging;

/// <summary>Forms entries on the caller's thread and hands them to the queue.</summary>
internal sealed class DuctsLogger(string name, LogLevel lowest, bool noticesOnly, bool json, LogQueue queue, TimeProvider time) : ILogger
{
    /// <summary>A stack trace fits; a buffer that grew beyond is not kept.</summary>
    private const int KeptBuffer = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || (noticesOnly && logLevel == LogLevel.Information && !LogLevelName.IsNotice(eventId)))
            return;
        var message = formatter(state, exception);
        // A formatter may log itself: it is done before the thread's buffer is taken.
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        if (json)
            LogLine.WriteJson(buffer, time.GetLocalNow(), name, logLevel, eventId, message, exception);
        else
            LogLine.WriteText(buffer, time.GetLocalNow(), name, logLevel, eventId, message, exception);
        queue.Add(buffer.WrittenSpan);
        if (buffer.Capacity > KeptBuffer)
            t_buffer = null;
        // What is critical is often the last thing a process says.
        if (logLevel == LogLevel.Critical)
            queue.Flush(TimeSpan.FromSeconds(1));
    }
}
