using System.Management.Automation;
using System.Management.Automation.Host;

namespace UsageTracking.Cmdlets;

/// <summary>The terminal that a cmdlet's output goes to, if it goes to one.</summary>
internal static class TerminalWindow
{
    /// <summary>The size of the host's window; null where it has none.</summary>
    public static (int Width, int Height)? Size(PSHost host)
    {
        try
        {
            if (host.UI?.RawUI.WindowSize is { Width: >= 10, Height: >= 8 } size)
                return (Math.Min(size.Width, 1000), size.Height);
        }
        catch (Exception error) when (error is HostException or IOException or NotImplementedException or PlatformNotSupportedException)
        {
            // Not every host has a window.
        }

        return null;
    }

    /// <summary>Whether nothing follows a cmdlet in its pipeline, and the host shows what escape sequences say.</summary>
    public static bool IsNext(PSHost host, InvocationInfo invocation) =>
        invocation.PipelinePosition == invocation.PipelineLength && host.UI?.SupportsVirtualTerminal == true && !Console.IsOutputRedirected;

    /// <summary>Whether the user has nothing against colours.</summary>
    public static bool TakesColour => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
}
