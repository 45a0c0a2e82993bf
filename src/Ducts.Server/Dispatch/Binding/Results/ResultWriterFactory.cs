using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>Makes the writer of a declared type.</summary>
internal sealed class ResultWriterFactory(PackSerializerOptions options)
{
    /// <summary>The writer of a declared type; not void.</summary>
    public ResultWriter Create(Type declared) => Create(declared, ResultShape.Of(declared));

    /// <summary>The writer of a value that was declared as <c>object</c>; null when it is simply packed.</summary>
    public ResultWriter? ForRunTimeType(Type type)
    {
        var shape = ResultShape.OfRunTimeType(type);
        return shape.Kind switch
        {
            ResultKind.Value or ResultKind.Object => null,
            ResultKind.Sequence => Create(typeof(IEnumerable<>).MakeGenericType(shape.Item!), shape),
            _ => Create(type, shape),
        };
    }

    private ResultWriter Create(Type declared, ResultShape shape) => shape.Kind switch
    {
        ResultKind.Task => new TaskResult(),
        ResultKind.ValueTask => new ValueTaskResult(),
        ResultKind.Object => new ObjectResult(this, options.GetConverter<object>()),
        ResultKind.Bytes => Make(typeof(BytesResult<>), [declared]),
        ResultKind.TaskOf => Make(typeof(TaskResult<>), [shape.Item!], Create(shape.Item!)),
        ResultKind.ValueTaskOf => Make(typeof(ValueTaskResult<>), [shape.Item!], Create(shape.Item!)),
        ResultKind.AsyncStream => Make(typeof(AsyncStreamResult<,>), [declared, shape.Item!], options.GetConverter(shape.Item!)),
        ResultKind.Channel => Make(typeof(ChannelResult<,>), [declared, shape.Item!], options.GetConverter(shape.Item!)),
        ResultKind.Sequence => Make(typeof(SequenceResult<>), [shape.Item!], options.GetConverter(shape.Item!), options.GetConverter(declared)),
        _ => Make(typeof(ValueResult<>), [declared], options.GetConverter(declared)),
    };

    private static ResultWriter Make(Type definition, Type[] types, params object[] parts) =>
        (ResultWriter)Activator.CreateInstance(definition.MakeGenericType(types), parts)!;
}
