using UsageTracking.Session;

namespace UsageTracking.Cmdlets;

/// <summary>What the module keeps for the whole process: importing it again finds the same store, customer and queue.</summary>
public static class ModuleLifetime
{
    // Leaving PowerShell must not hang on a store that does not answer.
    private static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(2);

    static ModuleLifetime() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();

    internal static UsageSession Session { get; } = new();

    /// <summary>Called when the module is removed from a session; the process may go on.</summary>
    public static void OnRemove() => Leave();

    private static void Leave()
    {
        try
        {
            Session.Shutdown(LeavingPatience);
            long lost = Session.Connections.Sum(c => c.Queue.Pending);
            // No cmdlet is left to say it.
            if (lost > 0)
                Console.Error.WriteLine($"UsageTracking: {Wording.Count(lost, "record")} not stored when PowerShell ended.");
        }
        catch (Exception error) when (error is UsageException or AggregateException)
        {
            // Nobody is left to tell.
        }
    }
}
