using System.Numerics;
using System.Reflection;
using Ducts.Dispatch.Binding;

namespace Ducts.Dispatch;

/// <summary>One event as the dispatcher finds it.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Invoker">Calls its handler.</param>
/// <param name="Code">Where its handler's code is: the texts of exceptions that this throws are the handler's own.</param>
/// <param name="Generation">The load it belongs to; null for events that are never replaced.</param>
internal sealed record EventEntry(HandlerSpec Spec, HandlerInvoker Invoker, Assembly Code, HandlerGeneration? Generation = null)
{
    /// <summary>A reply above this is worth knowing before the next one is made.</summary>
    public const int LargeReply = 64 * 1024;

    private int _largestReply;

    /// <summary>Gets where the code of its filters is; texts of exceptions that this throws are for callers, too.</summary>
    public IReadOnlyList<Assembly> FilterCode { get; init; } = [];

    /// <summary>Gets those of its attributes that are filters and have to be disposed when its handler is.</summary>
    public IReadOnlyList<IEventFilter> Filters { get; init; } = [];

    /// <summary>Gets what decides who may have the event; null where everybody may.</summary>
    public IEventGuard? Guard { get; init; }

    /// <summary>Gets the memory that its largest reply so far took, in bytes; 0 where none was large.</summary>
    public int LargestReply => Volatile.Read(ref _largestReply);

    /// <summary>Returns whether code of an assembly answers the event.</summary>
    public bool IsOwnCode(Assembly assembly) => assembly == Code || FilterCode.Contains(assembly);

    /// <summary>Notes a large reply, so that further ones wait while memory is short.</summary>
    public void NoteReply(int size)
    {
        if (size > LargestReply)
        {
            // As much as the array that it was packed in; a larger one than there can be is as good as the largest.
            Volatile.Write(ref _largestReply, (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)size), int.MaxValue));
        }
    }
}
