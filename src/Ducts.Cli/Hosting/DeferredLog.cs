using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>Keeps what is logged before there is a log, and writes it there later.</summary>
// Threading: one thread at a time.
internal sealed class DeferredLog : ILogger
{
    private readonly List<Action<ILogger>> _entries = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Add(logger => logger.Log(logLevel, eventId, state, exception, formatter));

    public void WriteTo(ILogger logger)
    {
        foreach (var entry in _entries)
        {
            entry(logger);
        }

        _entries.Clear();
    }
}
