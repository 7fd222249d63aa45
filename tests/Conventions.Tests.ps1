# What holds for every cmdlet, so that who knows one knows the others.

BeforeDiscovery {
    $cmdlets = (Import-PowerShellDataFile $PSScriptRoot/../module/UsageTracking.psd1).CmdletsToExport
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    function Get-OwnParameter([string] $Cmdlet) {
        (Get-Command $Cmdlet).Parameters.Values | Where-Object Name -NotIn $common
    }
}

Describe 'The convention of <_>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $_
    }

    It 'has an approved verb and a singular noun with the prefix' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
        $command.Noun | Should -MatchExactly '^Usage(?!.*s$)[A-Za-z]*$'
    }

    It 'is a sealed class that says what it writes' {
        $command.ImplementingType.IsSealed | Should -BeTrue
        $command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'has no parameter that takes a Boolean' {
        # An option has a value, also in the environment; it is no switch.
        Get-OwnParameter $_ | Where-Object { $_.ParameterType -eq [bool] -and $_.Name -ne 'AutoCreateCustomer' } | ForEach-Object Name | Should -BeNullOrEmpty
    }

    It 'asks before it changes what is stored' {
        $changes = $command.Verb -in 'Set', 'Remove', 'Clear', 'Initialize', 'Update', 'Undo', 'Register', 'Unregister', 'Restore', 'Add', 'Import', 'Export', 'Copy', 'Save'
        # What only goes into the queue is not asked about.
        $queues = $_ -in 'Add-UsageRecord', 'Add-UsageApiRequest', 'Add-UsageStorage', 'Add-UsageBandwidth', 'Add-UsageCompute', 'Add-UsageDatabaseQuery', 'Add-UsageFunction'
        if ($changes -and -not $queues) { $command.Parameters.Keys | Should -Contain 'WhatIf' }
    }

    It 'can be told a path literally wherever it reads files' {
        if ($command.Parameters['Path'].ParameterType -eq [string[]]) {
            $command.Parameters.Keys | Should -Contain 'LiteralPath'
            $command.Parameters['LiteralPath'].Aliases | Should -Contain 'PSPath'
        }
    }
}

Describe 'The cmdlets together' {
    It 'have one type for a parameter of one name' {
        # Kinds of files that are written and read, of periods that reports and quotas have, what comes down a pipeline, how
        # often a job runs and a view is drawn, and the first day of a setting and the store that is copied.
        $different = 'Format', 'Period', 'InputObject', 'Every', 'From'
        $types = Get-Command -Module UsageTracking | ForEach-Object { Get-OwnParameter $_.Name } | Where-Object Name -NotIn $different | ForEach-Object {
            $type = [System.Nullable]::GetUnderlyingType($_.ParameterType) ?? $_.ParameterType
            [pscustomobject]@{ Name = $_.Name; Type = $type.IsArray ? $type.GetElementType() : $type }
        }
        $types | Group-Object Name | Where-Object { @($_.Group.Type | Sort-Object -Unique FullName).Count -gt 1 } | ForEach-Object Name | Should -BeNullOrEmpty
    }
}
