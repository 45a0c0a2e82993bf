using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>
/// The request that a receive loop is dispatching. One object serves all requests of a loop; a request that outlives its
/// dispatch becomes a <see cref="Request"/> of its own.
/// </summary>
/// <remarks>Threading: used on the thread of its loop only.</remarks>
internal sealed class InvocationScope(IReplyChannel channel, Dispatcher dispatcher) : ReplyTarget(channel, dispatcher)
{
    private EventEntry _entry = null!;
    private WireEncoding _encoding;
    private ReadOnlyMemory<byte> _requestId;
    private ReadOnlyMemory<byte> _data;
    private DuctsEvent? _event;
    private SessionUser? _user;

    public override EventEntry Entry => _entry;

    public override WireEncoding Encoding => _encoding;

    public override ReadOnlySpan<byte> RawRequestId => _requestId.Span;

    public override SessionUser SessionUser => _user ??= Channel.User;

    /// <summary>Gets how many bytes the request has.</summary>
    public int Size => _requestId.Length + _data.Length;

    /// <summary>The request's own object, where the dispatch has made one.</summary>
    public Request? Detached { get; private set; }

    /// <summary>Gets how many items its stream may send at first; 0 for no limit.</summary>
    public int Credit { get; private set; }

    /// <summary>Takes up a request; its bytes need to stay only until the handler has returned.</summary>
    public void Begin(EventEntry entry, WireEncoding encoding, ReadOnlyMemory<byte> requestId, ReadOnlyMemory<byte> data, int credit)
    {
        Credit = credit;
        _entry = entry;
        _encoding = encoding;
        _requestId = requestId;
        _data = data;
        _event = null;
        _user = null;
        Detached = null;
    }

    /// <summary>
    /// Lets go of the request. The loop may read for hours before its next one, and replaced handlers must not stay in memory
    /// for it.
    /// </summary>
    public void End()
    {
        _entry = null!;
        _requestId = default;
        _data = default;
        _event = null;
        _user = null;
        Detached = null;
    }

    public override DuctsEvent GetEvent() =>
        _event ??= new DuctsEvent(_entry.Spec.Id, _entry.Spec.Key, new MessagePackElement(_data.ToArray()), GetSession());

    public override Request Detach() => Detached ??= new Request(this);

    public override void KeepData() => Detach().KeepData(_data.Span);

    /// <summary>The receive loop signals the socket once it has dispatched all that it has read.</summary>
    protected override void Send(MessageBuffer message)
    {
        // A request that was given an object may have been answered in the place of its handler.
        if (Detached is null || Detached.TryFinish())
            Channel.Send(message, RawRequestId, Encoding);
    }
}
