using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>One reply that is the value itself.</summary>
internal sealed class ValueResult<T>(MessagePackConverter<T> converter) : ResultWriter<T>
{
    public MessagePackConverter<T> Converter { get; } = converter;

    public override void Write(IInvocationTarget target, T value) => target.Reply(value, Converter);
}
