using Ducts.Scripting.Tests;
using Xunit.Runner.InProc.SystemConsole;

// With "probe FOLDER" the program loads the handlers of a folder and reports on itself: what a start costs and loads
// shows only in a process that did nothing else.
return args is ["probe", var home]
    ? await Probe.RunAsync(home)
    : await ConsoleRunner.Run(args);
