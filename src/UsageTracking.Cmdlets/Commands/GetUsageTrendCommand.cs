using System.Management.Automation;
using UsageTracking.Reports;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageTrend")]
[OutputType(typeof(UsageTrend))]
public sealed class GetUsageTrendCommand : DaysReportCmdlet
{
    /// <summary>The last 7 days, unless asked otherwise.</summary>
    public GetUsageTrendCommand() => Days = 7;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageTrend day in Wait(TrendReport.ReadAsync(Connection.Store, Scope, Cancel)))
            WriteObject(day);
    }
}
