using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ducts.Live.Hosting;

/// <summary>Keeps what a server logs.</summary>
internal sealed class NotedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public string[] Texts(int id) => [.. _lines.Where(line => line.Id == id).Select(static line => line.Text)];

    public override string ToString() => string.Join('\n', _lines.Select(static line => $"{line.Id} {line.Text}"));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _lines.Enqueue((eventId.Id, exception is null ? formatter(state, exception) : $"{formatter(state, exception)}: {exception.Message}"));
    }

    public void Dispose()
    {
    }
}
