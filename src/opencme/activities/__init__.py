"""What is planned, designated and offered: activities, their units and steps.

An *activity* holds *units*, a unit holds *steps*. What is published is a
*revision*: one frozen ActivityDocument with a number and a digest. A *series*
groups activities and carries no credit.
"""
