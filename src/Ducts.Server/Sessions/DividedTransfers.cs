namespace Ducts.Sessions;

/// <summary>A session's divided messages that are under way, or not confirmed, by their requests.</summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
internal sealed class DividedTransfers
{
    private readonly Lock _gate = new();
    private Dictionary<byte[], DividedTransfer>? _byRequest;

    public void Add(DividedTransfer transfer)
    {
        lock (_gate)
        {
            // Items of a stream follow each other; what is told of one holds for all.
            (_byRequest ??= new(RequestIdComparer.Instance))[transfer.RequestId] = transfer;
        }
    }

    public void Remove(DividedTransfer transfer)
    {
        lock (_gate)
        {
            if (_byRequest is not null && _byRequest.TryGetValue(transfer.RequestId, out var known) && known == transfer)
            {
                _byRequest.Remove(transfer.RequestId);
            }
        }
    }

    /// <summary>Returns whether the divided message of a request is an item of a stream.</summary>
    public bool IsItem(byte[] requestId)
    {
        lock (_gate)
        {
            return _byRequest is not null && _byRequest.TryGetValue(requestId, out var transfer) && transfer.IsItem;
        }
    }

    /// <summary>Lets nothing more be sent of the divided message of a request.</summary>
    /// <returns>The message; null where there is none.</returns>
    public DividedTransfer? Interrupt(byte[] requestId)
    {
        DividedTransfer? found = null;
        lock (_gate)
        {
            _byRequest?.Remove(requestId, out found);
        }

        found?.Interrupt();
        return found;
    }
}
