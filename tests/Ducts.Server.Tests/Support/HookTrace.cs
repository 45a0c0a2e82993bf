using System.Collections.Concurrent;

namespace Ducts.Tests.Support;

/// <summary>What hooks have seen, in order.</summary>
public sealed class HookTrace
{
    private readonly ConcurrentQueue<string> _seen = new();

    /// <summary>Whether the hooks throw once they have noted their call.</summary>
    public bool Throws { get; set; }

    public string Seen => string.Join(' ', _seen);

    /// <summary>Keeps nothing of what was seen so far, where memory is measured.</summary>
    public void Clear() => _seen.Clear();

    public Task Note(string what)
    {
        _seen.Enqueue(what);
        return Throws ? throw new InvalidOperationException($"hook {what}") : Task.CompletedTask;
    }
}
