namespace Ducts.Dispatch.Binding.Results;

/// <summary>How a declared type is replied.</summary>
internal enum ResultKind
{
    /// <summary>A method without a result: null.</summary>
    Nothing,

    /// <summary>One reply.</summary>
    Value,

    /// <summary>Declared as <c>object</c>: known only by the value.</summary>
    Object,

    /// <summary>One reply of a <see cref="System.IO.Stream"/>'s bytes.</summary>
    Bytes,

    /// <summary>A stream of <see cref="IAsyncEnumerable{T}"/>.</summary>
    AsyncStream,

    /// <summary>A stream of <see cref="System.Threading.Channels.ChannelReader{T}"/>.</summary>
    Channel,

    /// <summary>A stream of <see cref="IEnumerable{T}"/>, unless it is a stored collection.</summary>
    Sequence,

    /// <summary><see cref="System.Threading.Tasks.Task"/>: null when it has ended.</summary>
    Task,

    /// <summary><see cref="System.Threading.Tasks.ValueTask"/>: null when it has ended.</summary>
    ValueTask,

    /// <summary><see cref="Task{TResult}"/>: its value, in the way of the value's type.</summary>
    TaskOf,

    /// <summary><see cref="ValueTask{TResult}"/>: its value, in the way of the value's type.</summary>
    ValueTaskOf,
}
