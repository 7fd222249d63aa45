using System.Management.Automation;
using UsageTracking.Files.Archives;

namespace UsageTracking.Cmdlets;

/// <summary>Shows how far work on an archive has got.</summary>
internal static class ArchiveProgressText
{
    public static void Describe(ArchiveProgress work, ProgressRecord progress)
    {
        progress.StatusDescription = work.ToString() is { Length: > 0 } text ? text : progress.StatusDescription;
        progress.PercentComplete = work.Percent ?? -1;
        progress.SecondsRemaining = (int?)work.Remaining?.TotalSeconds ?? -1;
    }
}
