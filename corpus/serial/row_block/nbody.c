/* Direct n-body problem in one dimension with softened gravity: every body feels every other. */
#include <math.h>
#include <stdio.h>

#define BODIES 96
#define STEPS 5

double position[BODIES], velocity[BODIES], mass[BODIES], force[BODIES];

int main(void)
{
    const double dt = 0.01, soft = 0.05;

    for (int i = 0; i < BODIES; i++) {
        position[i] = 0.1 * i + 0.03 * (i % 4);
        velocity[i] = 0.0;
        mass[i] = 1.0 + 0.2 * (i % 3);
    }

    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < BODIES; i++) {
            double f = 0.0;
            for (int j = 0; j < BODIES; j++) {
                double d = position[j] - position[i];
                double r2 = d * d + soft;
                f += mass[j] * d / (r2 * sqrt(r2));
            }
            force[i] = mass[i] * f;
        }
        for (int i = 0; i < BODIES; i++) {
            velocity[i] += dt * force[i] / mass[i];
            position[i] += dt * velocity[i];
        }
    }

    double kinetic = 0.0, centre = 0.0, total = 0.0;
    for (int i = 0; i < BODIES; i++) {
        kinetic += 0.5 * mass[i] * velocity[i] * velocity[i];
        centre += mass[i] * position[i];
        total += mass[i];
    }
    printf("kinetic energy %.13e\n", kinetic);
    printf("centre of mass %.13e\n", centre / total);
    printf("first body at %.17g\n", position[0]);
    printf("last body at %.17g\n", position[BODIES - 1]);
    return 0;
}
