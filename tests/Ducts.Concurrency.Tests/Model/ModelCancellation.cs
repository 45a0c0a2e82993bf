namespace Ducts.Concurrency.Model;

/// <summary>Stands for <c>System.Threading.CancellationTokenSource</c>, whose <c>CancelAsync</c> runs on a thread that Coyote does not see.</summary>
public class ModelCancellation : System.Threading.CancellationTokenSource
{
    public ModelCancellation()
    {
    }

    public ModelCancellation(TimeSpan delay, ModelTime? time = null)
    {
    }

    public new Task CancelAsync() => ModelTasks.Run(Cancel);
}
