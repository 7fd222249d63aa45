using System.Globalization;
using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Queue;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Set, "UsageOption", SupportsShouldProcess = true)]
[OutputType(typeof(UsageOptionInfo))]
public sealed class SetUsageOptionCommand : UsageCmdlet
{
    [Parameter]
    public object? BatchSize { get; set; }

    [Parameter]
    [SecondsTransformation]
    public TimeSpan BatchTimeout { get; set; }

    [Parameter]
    public object? AlertWarning { get; set; }

    [Parameter]
    public object? AlertCritical { get; set; }

    [Parameter]
    public object? AlertExceeded { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    public bool AutoCreateCustomer { get; set; }

    [Parameter]
    public Durability Durability { get; set; }

    [Parameter]
    public object? QueueLimit { get; set; }

    [Parameter]
    public FullAction QueueFullAction { get; set; }

    [Parameter]
    [SecondsTransformation]
    public TimeSpan QueueFullTimeout { get; set; }

    [Parameter]
    public SwitchParameter Persist { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        // All are read before any is set: a wrong one changes nothing.
        var given = new List<(OptionDefinition Option, string Text)>();
        foreach (OptionDefinition option in OptionDefinition.All)
        {
            if (!MyInvocation.BoundParameters.TryGetValue(option.Name, out object? value))
                continue;

            // As it was typed: PowerShell would make 15 of '1,5'.
            string text = Convert.ToString(Unwrap.Base(value), CultureInfo.InvariantCulture) ?? "";
            option.Read(text, "given");
            given.Add((option, text));
        }

        foreach ((OptionDefinition option, string text) in given)
        {
            string target = Persist ? Session.Connection.Store.Address.Text : "this process";
            if (!ShouldProcess(target, $"set the option {option.Name} to {text}"))
                continue;

            if (!Persist)
                Session.SetOption(option.Name, text);
            else
                Wait(Session.PersistOptionAsync(option.Name, text, Cancel));
        }

        if (PassThru)
            WriteObject(new UsageOptionInfo(Session.Options));
    }
}
