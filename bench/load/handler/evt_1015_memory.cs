using System.Diagnostics.Metrics;

public class Memory : DuctsHandler, IDisposable
{
    private readonly MeterListener _listener = new();
    private long _charged;

    public Memory()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "ducts.server.memory.usage")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => Volatile.Write(ref _charged, measurement));
        _listener.Start();
    }

    [WebApi("GET", "now")]
    public object Now()
    {
        lock (_listener)
            _listener.RecordObservableInstruments();
        var collected = GC.GetGCMemoryInfo(GCKind.Any);
        return new
        {
            charged = Volatile.Read(ref _charged),
            committed = collected.TotalCommittedBytes,
            live = collected.HeapSizeBytes - collected.FragmentedBytes,
            fragmented = collected.FragmentedBytes,
            allocated = GC.GetTotalMemory(forceFullCollection: false),
        };
    }

    [WebApi("GET", "collected")]
    public object Collected()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        return Now();
    }

    public void Dispose() => _listener.Dispose();
}
