BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

# What each scheduler keeps is tested with Register-UsageJob.
Describe 'Get-UsageJob' -Skip:(-not $IsLinux) {
    BeforeAll {
        . $PSScriptRoot/JobTable.ps1
        Use-JobTable
    }
    BeforeEach { Reset-JobTable }
    AfterAll { $env:PATH = $path }

    It 'takes names in any case, wildcards, and objects with a name' {
        (Get-UsageJob).Name | Should -Be Chart, Flush, flush-b
        (Get-UsageJob FLUSH).Name | Should -Be Flush
        (Get-UsageJob flush*, chart).Name | Should -Be Chart, Flush, flush-b
        ([pscustomobject]@{ Name = 'chart' } | Get-UsageJob).Command | Should -Be "'pwsh' -NoProfile -NonInteractive -Command 'Chart'"
        Get-UsageJob x* | Should -BeNullOrEmpty
    }

    It 'has an error for each name of no job, and goes on' {
        (Get-UsageJob nosuch, Flush -ErrorAction SilentlyContinue -ErrorVariable problem).Name | Should -Be Flush
        $problem.FullyQualifiedErrorId | Should -BeLike 'JobNotFound,*'
        $problem.TargetObject | Should -Be nosuch
    }

    It 'completes names' {
        foreach ($line in 'Get-UsageJob fl', 'Unregister-UsageJob fl') {
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be Flush, flush-b
        }
    }
}
