namespace Ducts.Concurrency.Model;

/// <summary>Stands for <c>System.Threading.ThreadPool</c>.</summary>
public static class ModelThreadPool
{
    public static bool UnsafeQueueUserWorkItem(IThreadPoolWorkItem item, bool preferLocal) => Queue(item.Execute);

    public static bool UnsafeQueueUserWorkItem<T>(Action<T> item, T state, bool preferLocal) => Queue(() => item(state));

    public static bool QueueUserWorkItem<T>(Action<T> item, T state, bool preferLocal) => Queue(() => item(state));

    private static bool Queue(Action item)
    {
        _ = ModelTasks.Run(item);
        return true;
    }
}
