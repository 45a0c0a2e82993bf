using System.Collections;
using System.Threading.Channels;
using Ducts.Dispatch.Binding.Parameters;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>Describes how the declared result type of a handler is sent.</summary>
/// <param name="Kind">How it is replied.</param>
/// <param name="Item">The stream's item, or the task's value; else null.</param>
internal readonly record struct ResultShape(ResultKind Kind, Type? Item = null)
{
    /// <summary>Whether the reply is a stream, as far as the declaration tells.</summary>
    public bool IsStream => Kind switch
    {
        ResultKind.AsyncStream or ResultKind.Channel or ResultKind.Sequence => true,
        ResultKind.TaskOf or ResultKind.ValueTaskOf => Of(Item!).IsStream,
        _ => false,
    };

    public static ResultShape Of(Type declared)
    {
        if (declared == typeof(void))
            return new(ResultKind.Nothing);
        if (declared == typeof(object))
            return new(ResultKind.Object);
        if (declared == typeof(Task))
            return new(ResultKind.Task);
        if (declared == typeof(ValueTask))
            return new(ResultKind.ValueTask);
        if (typeof(Stream).IsAssignableFrom(declared))
            return new(ResultKind.Bytes);
        if (Argument(declared, typeof(Task<>)) is { } value)
            return new(ResultKind.TaskOf, value);
        if (Argument(declared, typeof(ValueTask<>)) is { } valueTask)
            return new(ResultKind.ValueTaskOf, valueTask);
        if (Argument(declared, typeof(IEnumerable<>)) is { } item)
            return new(ResultKind.Sequence, item);
        if (BaseArgument(declared, typeof(ChannelReader<>)) is { } read)
            return new(ResultKind.Channel, read);
        if (Implemented(declared, typeof(IAsyncEnumerable<>)) is { } asyncItem)
            return new(ResultKind.AsyncStream, asyncItem);
        return new(ResultKind.Value);
    }

    /// <summary>The shape of a value declared as <c>object</c>; here a sequence made by <c>yield</c> counts as one.</summary>
    public static ResultShape OfRunTimeType(Type type)
    {
        if (BaseArgument(type, typeof(Task<>)) is { } value)
            return value.IsPublic || value.Name != "VoidTaskResult" ? new(ResultKind.TaskOf, value) : new(ResultKind.Task);
        if (typeof(Task).IsAssignableFrom(type))
            return new(ResultKind.Task);
        var shape = Of(type);
        if (shape.Kind == ResultKind.Value && !IsStored(type) && Implemented(type, typeof(IEnumerable<>)) is { } item)
            return new(ResultKind.Sequence, item);
        return shape;
    }

    /// <summary>The type a client gets, for documentation; null when the reply is always null.</summary>
    public static Type? DocumentedType(Type declared)
    {
        var shape = Of(declared);
        return shape.Kind switch
        {
            ResultKind.Nothing or ResultKind.Task or ResultKind.ValueTask => null,
            ResultKind.TaskOf or ResultKind.ValueTaskOf => DocumentedType(shape.Item!),
            ResultKind.Bytes => typeof(byte[]),
            _ => shape.Item ?? declared,
        };
    }

    /// <summary>The type of the value that a task brings; any other type as it is.</summary>
    public static Type Awaited(Type declared) =>
        Of(declared) is { Kind: ResultKind.TaskOf or ResultKind.ValueTaskOf, Item: { } value } ? value : declared;

    /// <summary>Whether a type's values are bytes, in memory or to be read.</summary>
    public static bool IsBytes(Type type) => ArgumentKinds.IsBytes(type) || Of(type).Kind == ResultKind.Bytes;

    /// <summary>What is wrong with a declared result, or null.</summary>
    public static string? Problem(Type declared)
    {
        if (declared.IsByRef || declared.IsByRefLike || declared.IsPointer || declared.IsFunctionPointer)
            return "a result cannot be by reference; return a value";
        if (declared.ContainsGenericParameters)
            return "its result has an open type parameter";
        if (declared == typeof(IEnumerable))
            return "declare the stream's items: IEnumerable<object?> instead of IEnumerable";
        if (typeof(IEnumerator).IsAssignableFrom(declared) || Implemented(declared, typeof(IAsyncEnumerator<>)) is not null)
            return "a stream is declared as IEnumerable<T> or IAsyncEnumerable<T>, not as its enumerator";
        if (typeof(Delegate).IsAssignableFrom(declared))
            return $"{TypeText.Of(declared)} cannot be sent";
        var shape = Of(declared);
        if (shape.Kind is ResultKind.TaskOf or ResultKind.ValueTaskOf)
        {
            return Of(shape.Item!).Kind is ResultKind.Task or ResultKind.ValueTask or ResultKind.TaskOf or ResultKind.ValueTaskOf
                ? "a task of a task cannot be replied; await the inner one"
                : Problem(shape.Item!);
        }

        return null;
    }

    /// <summary>
    /// Whether a sequence is there already, rather than made as it is read. Some of LINQ's lazy sequences say that they
    /// are collections (Enumerable.Range does), and which ones do changes from one version to the next; so what LINQ
    /// returns counts as made as it is read.
    /// </summary>
    public static bool IsStored(Type type) =>
        type == typeof(string)
        || (type.Assembly != typeof(Enumerable).Assembly
            && (typeof(ICollection).IsAssignableFrom(type)
                || Implemented(type, typeof(ICollection<>)) is not null
                || Implemented(type, typeof(IReadOnlyCollection<>)) is not null));

    private static Type? Argument(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type.GenericTypeArguments[0] : null;

    private static Type? BaseArgument(Type type, Type definition)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (Argument(at, definition) is { } argument)
                return argument;
        }

        return null;
    }

    private static Type? Implemented(Type type, Type definition) =>
        Argument(type, definition) ?? Array.Find(type.GetInterfaces(), each => Argument(each, definition) is not null)?.GenericTypeArguments[0];
}

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
