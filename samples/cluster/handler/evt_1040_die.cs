using System.Diagnostics;

// As kill -9 does: nothing is written, closed or said before. Only a sample
// that nobody but its own machine reaches may have such an event.
public sealed class Die : DuctsHandler
{
    public void Handle() => Process.GetCurrentProcess().Kill();
}
