using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Ducts.Connections;

/// <summary>
/// Makes messages out of a client's bytes: unmasks, joins fragments, lets control frames between them through. A message
/// that came in one frame and one read is read where it lies.
/// </summary>
/// <remarks>Threading: used by one receive loop at a time.</remarks>
internal sealed class MessageReader(int maxMessageSize)
{
    private const int InputSize = 8 * 1024;

    // What a read of a peer that sends more at once has room for: many messages then cost one read.
    private const int LargeInputSize = 64 * 1024;

    private byte[]? _input;
    private int _inputSize = InputSize;
    private int _start;
    private int _end;

    // The message that is being put together; null when none is.
    private byte[]? _message;
    private int _messageLength;
    private Opcode _messageOpcode;

    // The frame of it that is being received.
    private bool _inFrame;
    private bool _finalFrame;
    private long _frameRest;
    private uint _mask;

    // The next bytes go straight into the message.
    private bool _direct;

    /// <summary>Takes bytes that came before the first read.</summary>
    public void Begin(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        _input = ArrayPool<byte>.Shared.Rent(Math.Max(InputSize, bytes.Length));
        bytes.CopyTo(_input);
        _end = bytes.Length;
    }

    /// <summary>Whether nothing is buffered, so that waiting needs no memory.</summary>
    public bool IsIdle => _start == _end && _message is null;

    /// <summary>Gets the memory that the reader holds, in bytes.</summary>
    public int Size => (_input?.Length ?? 0) + (_message?.Length ?? 0);

    /// <summary>Gets the memory that the reader takes with the next read, in bytes, what it holds already included.</summary>
    public int SizeToRead
    {
        get
        {
            var input = Math.Max(_input?.Length ?? 0, _inputSize);
            if (_message is null)
                return input;
            // It grows when what one read brings does not fit any more.
            var room = _message.Length - _messageLength;
            var fits = room >= LargeInputSize || (_inFrame && _finalFrame && _frameRest <= room);
            var message = fits ? _message.Length : Math.Max((long)_message.Length * 2, _messageLength + LargeInputSize);
            return (int)Math.Min(input + message, int.MaxValue);
        }
    }

    /// <summary>Where the next bytes from the socket go.</summary>
    public Memory<byte> PrepareRead()
    {
        if (_inFrame && _start == _end && _frameRest >= InputSize)
        {
            EnsureMessageCapacity(1);
            _direct = true;
            var room = (int)Math.Min(_message!.Length - _messageLength, _frameRest);
            return _message.AsMemory(_messageLength, room);
        }

        _direct = false;
        if (_input is null || _input.Length < _inputSize)
            Enlarge();
        else if (_start > 0)
            MoveTo(_input);
        return _input.AsMemory(_end);
    }

    /// <summary>So many bytes have come into what <see cref="PrepareRead"/> gave.</summary>
    public void Advance(int count)
    {
        if (!_direct)
        {
            _end += count;
            _inputSize = _end == _input!.Length ? LargeInputSize : count < InputSize ? InputSize : _inputSize;
            return;
        }

        _mask = FrameMask.Apply(_message.AsSpan(_messageLength, count), _mask);
        _messageLength += count;
        _frameRest -= count;
    }

    /// <summary>Reads the next message or control frame.</summary>
    /// <param name="opcode">Text, binary, close, ping or pong.</param>
    /// <param name="payload">Its bytes, valid until the next call.</param>
    public FrameStatus TryRead(out Opcode opcode, out ReadOnlyMemory<byte> payload)
    {
        if (_message is not null && !_inFrame && _finalFrame)
            ReturnMessage();

        payload = default;
        opcode = default;
        while (true)
        {
            if (_inFrame)
            {
                TakeFromInput();
                if (_frameRest > 0)
                    return FrameStatus.Incomplete;
                _inFrame = false;
                if (!_finalFrame)
                    continue;
                opcode = _messageOpcode;
                payload = _message.AsMemory(0, _messageLength);
                return CheckText(opcode, payload.Span);
            }

            var status = FrameHeader.TryRead(_input.AsSpan(_start, _end - _start), out var header);
            if (status != FrameStatus.Complete)
                return status;

            if (header.IsControl)
            {
                if (_end - _start < header.HeaderLength + header.PayloadLength)
                    return FrameStatus.Incomplete;
                opcode = header.Opcode;
                payload = TakeWhole(header);
                return FrameStatus.Complete;
            }

            status = CheckOrder(header);
            if (status != FrameStatus.Complete)
                return status;

            if (header.Final && _message is null && _end - _start - header.HeaderLength >= header.PayloadLength)
            {
                opcode = header.Opcode;
                payload = TakeWhole(header);
                return CheckText(opcode, payload.Span);
            }

            BeginFrame(header);
        }
    }

    /// <summary>Gives back the buffers when nothing is in them.</summary>
    public void ReleaseIfIdle()
    {
        if (_message is not null && !_inFrame && _finalFrame)
            ReturnMessage();
        if (IsIdle)
            ReturnInput();
    }

    /// <summary>
    /// Moves what has not been read yet into a new reader. The message given last stays valid in this one, which is not
    /// read any further.
    /// </summary>
    public MessageReader Split() => Split(maxMessageSize);

    /// <summary>Moves what has not been read yet into a new reader, for messages of another size.</summary>
    public MessageReader Split(int maxMessageSize)
    {
        var rest = new MessageReader(maxMessageSize);
        rest.Begin(_input.AsSpan(_start, _end - _start));
        return rest;
    }

    /// <summary>Gives back all buffers.</summary>
    public void Release()
    {
        ReturnMessage();
        ReturnInput();
    }

    [MemberNotNull(nameof(_input))]
    private void Enlarge()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_inputSize);
        if (_input is not null)
        {
            MoveTo(larger);
            ArrayPool<byte>.Shared.Return(_input);
        }

        _input = larger;
    }

    // The unread bytes, to the beginning.
    private void MoveTo(byte[] target)
    {
        _input.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
    }

    private static FrameStatus CheckText(Opcode opcode, ReadOnlySpan<byte> payload) =>
        opcode != Opcode.Text || Utf8.IsValid(payload) ? FrameStatus.Complete : FrameStatus.InvalidText;

    private FrameStatus CheckOrder(in FrameHeader header)
    {
        var continues = header.Opcode == Opcode.Continuation;
        if (continues != _message is not null)
            return FrameStatus.ProtocolError;
        // Subtracted, not added: a length near 2^63 would overflow.
        return header.PayloadLength > maxMessageSize - _messageLength ? FrameStatus.TooLarge : FrameStatus.Complete;
    }

    private ReadOnlyMemory<byte> TakeWhole(in FrameHeader header)
    {
        var payload = _input.AsMemory(_start + header.HeaderLength, (int)header.PayloadLength);
        FrameMask.Apply(payload.Span, header.Mask);
        _start += header.HeaderLength + payload.Length;
        if (_start == _end)
            _start = _end = 0;
        return payload;
    }

    private void BeginFrame(in FrameHeader header)
    {
        _start += header.HeaderLength;
        _inFrame = true;
        _finalFrame = header.Final;
        _frameRest = header.PayloadLength;
        _mask = header.Mask;
        if (_message is null)
        {
            _messageOpcode = header.Opcode;
            _message = ArrayPool<byte>.Shared.Rent(InputSize);
        }
    }

    private void TakeFromInput()
    {
        var available = (int)Math.Min(_end - _start, _frameRest);
        if (available == 0)
            return;
        EnsureMessageCapacity(available);
        var target = _message.AsSpan(_messageLength, available);
        _input.AsSpan(_start, available).CopyTo(target);
        _mask = FrameMask.Apply(target, _mask);
        _messageLength += available;
        _frameRest -= available;
        _start += available;
        if (_start == _end)
            _start = _end = 0;
    }

    // Grows with what has arrived, not with what was announced: an announcement alone costs nothing.
    private void EnsureMessageCapacity(int more)
    {
        if (_message!.Length - _messageLength >= more)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_message.Length * 2, _messageLength + more));
        _message.AsSpan(0, _messageLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_message);
        _message = larger;
    }

    private void ReturnMessage()
    {
        if (_message is not null)
            ArrayPool<byte>.Shared.Return(_message);
        _message = null;
        _messageLength = 0;
        _inFrame = false;
        _finalFrame = false;
    }

    private void ReturnInput()
    {
        if (_input is not null)
            ArrayPool<byte>.Shared.Return(_input);
        _input = null;
        _start = _end = 0;
    }
}
