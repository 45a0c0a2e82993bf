using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ducts.Tests.Support;

/// <summary>Keeps what a server logs from information on.</summary>
internal sealed class NotedLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    /// <summary>What should not be in the log of a healthy server, whatever clients do.</summary>
    public IReadOnlyList<string> Errors => [.. _lines.Where(static line => line.Level >= LogLevel.Error).Select(static line => line.Text)];

    public IReadOnlyList<string> All => [.. _lines.Select(static line => line.Text)];

    /// <summary>Keeps nothing of what was logged so far, where memory is measured.</summary>
    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
    }

    public void Dispose()
    {
    }
}
